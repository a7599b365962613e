from django.contrib.admin.apps import AdminConfig


class SkillQuestAdminConfig(AdminConfig):
    default_site = "skillquest.admin_site.site.SkillQuestAdminSite"
