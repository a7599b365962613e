"""What is to be done with each record: written, left because it was imported before, or refused with a reason.

A dry run and a real one ask the same function.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from gamification.conditions import is_built_in
from gamification.models import MAX_TOTAL_XP, find_zone
from levels.models import Level
from skillquest.accounts.display_names import refuse_unreadable, skeleton, tidy
from skillquest.accounts.email_addresses import normal_form
from skillquest.accounts.models import User
from tracking.recording.metadata import repair_metadata

from .errors import BadValueError, Problem
from .known import Catalogue, Known, event_claims
from .records import Record
from .values import shown

LANGUAGES = {code for code, _ in settings.LANGUAGES}
USERNAME = User._meta.get_field("username")
DISPLAY_NAME_LENGTH = User._meta.get_field("display_name").max_length or 0


class Verdict(StrEnum):
    NEW = "new"
    KNOWN = "known"  # imported before, unchanged
    EMPTY = "empty"  # nothing to import, such as 0 XP
    REFUSED = "refused"


@dataclass
class Judge:
    """Judges the records of one portion; `problems` are those it found, in the order of the lines."""

    known: Known
    catalogue: Catalogue
    problems: list[Problem] = field(default_factory=list)

    def judge(self, record: Record) -> Verdict:
        try:
            verdict = self._judge(record)
        except BadValueError as problem:
            self.problems.append(Problem(record.line, record.kind, str(problem)))
            return Verdict.REFUSED
        return verdict

    def _judge(self, record: Record) -> Verdict:
        if record.problem:
            raise BadValueError(record.problem)
        known = self.known.imported.get(record.key)
        if known is not None:
            if known != record.content:
                raise BadValueError("a row with this id was imported before with other content; nothing was changed")
            return Verdict.KNOWN
        for name in ("date", "occurred_at", "created_at"):
            self._refuse_future(record, name)
        if record.kind != "learner":
            self._refuse_stranger(record)
        return CHECKS[record.kind](self, record)

    def _refuse_future(self, record: Record, name: str) -> None:
        value = record.values.get(name)
        last = self.known.at + settings.EVENT_MAX_AHEAD
        if value and value > (last if isinstance(value, datetime) else last.date()):
            raise BadValueError(f"{name} is in the future")

    def _refuse_stranger(self, record: Record) -> None:
        """A row belongs to a learner whose own row was taken, in this run or in an earlier one."""
        external_id = record.external_id
        if external_id in self.known.refused:
            raise BadValueError(self.known.refused[external_id])
        is_known = self.known.learner_key(external_id) in self.known.imported
        if not is_known or not self.known.can_write_for(external_id):
            raise BadValueError(f"no row of the kind learner for {shown(external_id)} was imported before it")

    def _warn(self, record: Record, message: str) -> None:
        self.problems.append(Problem(record.line, record.kind, message, is_warning=True))

    # Learners

    def _check_learner(self, record: Record) -> Verdict:
        external_id, given = record.external_id, record.values
        if external_id in self.known.refused:
            raise BadValueError(self.known.refused[external_id])
        email = self._checked_email(given.get("email", ""))
        if find_zone(given.get("time_zone", "UTC")) is None:
            raise BadValueError(f"unknown time zone {shown(given['time_zone'])}")
        if person := self.known.people.get(external_id):
            self._refuse_other_person(person, email)
            self.known.accept(record)
            return Verdict.NEW
        if ("email", email) in self.known.taken:
            raise BadValueError("this e-mail address belongs to another account: change that one, or leave it out")
        claims = {("email", email)} if email else set()
        claims |= self._claim_names(record)
        self._choose_language(record)
        self.known.accept(record, *claims)
        self.known.new_people.append(record)
        return Verdict.NEW

    @staticmethod
    def _checked_email(email: str) -> str:
        try:
            if email:
                validate_email(email)
        except ValidationError:
            raise BadValueError(f"{shown(email)} is not an e-mail address") from None
        return normal_form(email)

    @staticmethod
    def _refuse_other_person(person: User, email: str) -> None:
        if email and person.email_normal_form and person.email_normal_form != email:
            raise BadValueError("an account with this external id exists, and has another e-mail address")

    def _claim_names(self, record: Record) -> set[tuple[str, str]]:
        """Names that cannot be used are left out: people can choose others."""
        claims = set()
        username = record.values.get("username", "")
        if reason := username and self._username_refusal(username):
            self._warn(record, f"username {shown(username)} is left out, another one is made: {reason}")
            del record.values["username"]
        elif username:
            claims |= {("username", username.lower()), ("sign-in name", skeleton(username))}
        name = record.values["display_name"] = tidy(record.values.get("display_name", ""))
        if reason := name and self._display_name_refusal(name):
            self._warn(record, f"display name {shown(name)} is left out: {reason}")
            name = record.values["display_name"] = ""
        return claims | ({("shown name", skeleton(name))} if skeleton(name) else set())

    def _username_refusal(self, username: str) -> str:
        try:
            USERNAME.run_validators(username)
        except ValidationError as problem:
            return " ".join(problem.messages)
        if ("username", username.lower()) in self.known.taken:
            return "it is taken"
        is_shown = ("shown name", skeleton(username)) in self.known.taken
        return "it looks like the name of somebody else" if is_shown else ""

    def _display_name_refusal(self, name: str) -> str:
        try:
            refuse_unreadable(name)
        except ValidationError as problem:
            return " ".join(problem.messages)
        if len(name) > DISPLAY_NAME_LENGTH:
            return f"it has more than {DISPLAY_NAME_LENGTH} characters"
        is_taken = ("sign-in name", skeleton(name)) in self.known.taken
        return "it looks like a sign-in name of somebody else" if is_taken else ""

    def _choose_language(self, record: Record) -> None:
        language = record.values.get("language", "")
        code = language.replace("_", "-").partition("-")[0].lower()
        if language and code not in LANGUAGES:
            self._warn(
                record, f"language {shown(language)} is not among {', '.join(sorted(LANGUAGES))}; it is left out"
            )
        record.values["language"] = code if code in LANGUAGES else "en"

    # What learners have done and earned

    def _check_xp(self, record: Record) -> Verdict:
        amount = record.values["amount"]
        if amount == 0:
            return Verdict.EMPTY
        if "level" in record.values:
            record.values["level"] = self._level(record)
        balance = self.known.balance_of(record.external_id) + amount
        if not 0 <= balance <= MAX_TOTAL_XP:
            raise BadValueError(f"the learner's total would be {balance}")
        self.known.set_balance(record.external_id, balance)
        self.known.accept(record)
        return Verdict.NEW

    def _level(self, record: Record) -> Level:
        name = record.values["level"]
        level = self.catalogue.levels.get(name)
        if level is None:
            raise BadValueError(f"there is no level {shown(name)}")
        return level

    def _check_completion(self, record: Record) -> Verdict:
        given = record.values
        level = given["level"] = self._level(record)
        given.setdefault("max", level.max_score)
        given.setdefault("score", given["max"] if given.get("passed", True) else 0)
        if given["score"] > given["max"]:
            raise BadValueError(f"score {given['score']} is above the maximum {given['max']}")
        if "started_at" in given and given["started_at"] > given["occurred_at"]:
            raise BadValueError("started_at is after occurred_at")
        # Judged by its share of the maximum, which may have been another one in the old system.
        given.setdefault("passed", level.passes(given["score"] * level.max_score // given["max"]))
        self._check_metadata(record)
        self._accept_event(record, "a completion")
        return Verdict.NEW

    def _accept_event(self, record: Record, what: str) -> None:
        claims = event_claims([record])
        if claims & self.known.taken:
            raise BadValueError(f"{what} with this client_event_id exists")
        self.known.accept(record, *claims)

    def _check_metadata(self, record: Record) -> None:
        record.values["metadata"], warnings = repair_metadata(record.values.get("metadata", {}))
        for warning in warnings:
            self._warn(record, f"{warning.field}: {warning.detail}")
        for name in ("counted", "metrics"):
            if any(type(value) is not int or value < 0 for value in record.values.get(name, {}).values()):
                raise BadValueError(f"{name} must have whole numbers")
        for metric in record.values.get("metrics", {}):
            self._refuse_unknown_metric(metric)

    def _check_metric(self, record: Record) -> Verdict:
        given = record.values
        self._refuse_unknown_metric(given["metric"])
        if given.setdefault("counted", given["value"]) > given["value"]:
            raise BadValueError("counted is above the value")
        self._accept_event(record, "a metric event")
        return Verdict.NEW

    def _refuse_unknown_metric(self, metric: str) -> None:
        if metric not in self.catalogue.metrics:
            reason = "is counted from completions and days" if is_built_in(metric) else "does not exist"
            raise BadValueError(f"the metric {shown(metric)} {reason}")

    def _check_achievement(self, record: Record) -> Verdict:
        return self._find_earnable(record, "achievement", self.catalogue.achievements)

    def _check_badge(self, record: Record) -> Verdict:
        return self._find_earnable(record, "badge", self.catalogue.badges)

    def _find_earnable(self, record: Record, name: str, rows: dict[str, Any]) -> Verdict:
        row = rows.get(record.values[name])
        if row is None:
            raise BadValueError(f"there is no {name} {shown(record.values[name])}")
        record.values[name] = row
        self.known.accept(record)
        return Verdict.NEW

    def _check_day(self, record: Record) -> Verdict:
        self.known.accept(record)
        return Verdict.NEW

    def _check_zone_change(self, record: Record) -> Verdict:
        for name in ("before", "time_zone"):
            if find_zone(record.values[name]) is None:
                raise BadValueError(f"unknown time zone {shown(record.values[name])}")
        self.known.accept(record)
        return Verdict.NEW


CHECKS: dict[str, Callable[[Judge, Record], Verdict]] = {
    "learner": Judge._check_learner,
    "opening_xp": Judge._check_xp,
    "completion": Judge._check_completion,
    "metric": Judge._check_metric,
    "achievement": Judge._check_achievement,
    "badge": Judge._check_badge,
    "streak_day": Judge._check_day,
    "time_zone_change": Judge._check_zone_change,
}
