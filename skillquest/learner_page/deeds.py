"""What staff have done to the learner: who, when, what and why."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Q
from django.urls import reverse

from approvals.models import ApprovalRequest
from catalogues.searching import number_in
from gamification.models import BadgeAward, DayRepair, LearnerProfile, LedgerEntry, StandingChange
from skillquest.accounts.models import User

from .blocks import SHOWN, Block, Cell, Link, all_of, link_to, moment
from .visits import Visit


def log(visit: Visit) -> Block:
    """Django's log of the learner and, for those who may see it, of the account; or what is older than an entry."""
    about = _log_of(LearnerProfile, visit.learner_id)
    if visit.may_view(User):
        about |= _log_of(User, visit.learner_id)
    before = number_in(visit.request.GET.get("before", ""))
    older = Q() if before is None else Q(pk__lt=before)
    entries = LogEntry.objects.filter(about, older).select_related("user").order_by("-pk")[: SHOWN + 1]
    shown = list(entries)[:SHOWN]
    return Block(
        "Log",
        ["When (UTC)", "Who", "What and why"],
        [[moment(each.action_time), str(each.user), each.get_change_message() or "-"] for each in shown],
        "Nothing was done in the admin.",
        older=f"?before={shown[-1].pk}" if len(entries) > SHOWN else "",
    )


def _log_of(model: type, learner_id: int) -> Q:
    options = model._meta  # type: ignore[attr-defined]
    of_model = {"content_type__app_label": options.app_label, "content_type__model": options.model_name}
    return Q(**of_model, object_id=str(learner_id))


def by_hand(visit: Visit) -> Block:
    """Adjustments and reversals."""
    mine = LedgerEntry.objects.filter(learner=visit.learner_id, actor__isnull=False)
    return Block(
        "XP given, taken and reversed",
        ["Line", "When (UTC)", "Who", "What", "XP", "Reason", "Note"],
        [_entry(entry) for entry in mine.select_related("actor").newest_first()[:SHOWN]],
        "Staff have changed no XP.",
        all_of(LedgerEntry, visit.learner_id),
    )


def _entry(entry: LedgerEntry) -> list[Cell]:
    when, (reason, _, note) = moment(entry.created_at), entry.note.partition("\n")
    what, xp = entry.get_reason_display(), f"{entry.delta:+d}"
    return [link_to(entry, entry.sequence), when, str(entry.actor), what, xp, reason or "-", note or "-"]


def approvals(visit: Visit) -> Block:
    """Those that the viewer may see: some see only what they asked for or may decide."""
    seen = admin.site.get_model_admin(ApprovalRequest).get_queryset(visit.request)
    mine = seen.filter(learner=visit.learner_id).select_related("requested_by", "decided_by")
    return Block(
        "Approvals",
        ["Request", "Asked (UTC)", "By", "Reason", "Status", "Decided by"],
        [_approval(asked) for asked in mine.order_by("-requested_at", "-pk")[:SHOWN]],
        "Nothing was requested.",
        all_of(ApprovalRequest, visit.learner_id),
    )


def _approval(asked: ApprovalRequest) -> list[Cell]:
    url = reverse("admin:approvals_approvalrequest_decide", args=[asked.pk])
    when, by = moment(asked.requested_at), str(asked.requested_by)
    decided = str(asked.decided_by or "-")
    return [Link(asked.summary, url), when, by, asked.reason or "-", asked.get_status_display(), decided]


def standings(visit: Visit) -> Block:
    mine = StandingChange.objects.filter(learner=visit.learner_id).select_related("actor")
    return Block(
        "Changes of board standing",
        ["When (UTC)", "Who", "Standing", "Until", "Reason", "Note"],
        [
            [
                link_to(change, moment(change.created_at)),
                str(change.actor),
                change.get_standing_display(),
                moment(change.until),
                change.reason,
                change.note,
            ]
            for change in mine[:SHOWN]
        ],
        "The board standing was never changed.",
        all_of(StandingChange, visit.learner_id),
    )


def repairs(visit: Visit) -> Block:
    mine = DayRepair.objects.filter(learner=visit.learner_id).select_related("actor")
    return Block(
        "Repaired days",
        ["When (UTC)", "Who", "Day", "What", "Reason", "Note"],
        [
            [moment(each.created_at), str(each.actor), str(each.date), each.get_kind_display(), each.reason, each.note]
            for each in mine[:SHOWN]
        ],
        "No day was repaired.",
        all_of(DayRepair, visit.learner_id),
    )


def badges(visit: Visit) -> Block:
    """Awarded or taken back by hand."""
    mine = BadgeAward.objects.filter(learner=visit.learner_id).filter(
        Q(actor__isnull=False) | Q(revoked_at__isnull=False)
    )
    newest = mine.select_related("badge", "actor", "revoked_by").order_by("-awarded_at", "-pk")[:SHOWN]
    return Block(
        "Badges by hand",
        ["Badge", "Awarded (UTC)", "By", "Taken back (UTC)", "By", "Note"],
        [
            [
                link_to(award, award.badge),
                moment(award.awarded_at),
                str(award.actor or "-"),
                moment(award.revoked_at),
                str(award.revoked_by or "-"),
                award.note or "-",
            ]
            for award in newest
        ],
        "Staff have awarded or taken back no badge.",
        all_of(BadgeAward, visit.learner_id),
    )
