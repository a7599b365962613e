from django.urls import path

from . import learners_views as views

urlpatterns = [
    path("<str:external_id>", views.LearnerView.as_view(), name="learner"),
    path("<str:external_id>/token", views.LearnerTokenView.as_view(), name="learner-token"),
    path("<str:external_id>/claim-link", views.ClaimLinkView.as_view(), name="learner-claim-link"),
]
