"""How drf-spectacular describes views and their fields, where its own way does not suit us or generators of clients."""

from django.core.validators import RegexValidator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from apidocs.deprecations import deprecation_of
from apidocs.server_keys import LEARNER_HEADER, LearnerHeader, learner_header_of, scope_needed
from skillquest.machines.authentication import ServerKeyScheme

LEARNER_PARAMETER = {
    LearnerHeader.REQUIRED: "Only with a server key, and then required: the external id of the learner it acts for.",
    LearnerHeader.OPTIONAL: "Only with a server key: the external id of the learner it acts for, if there is one.",
}
HOW_WRITTEN = "Percent-encoded as in a path, where it is not ASCII or contains a `%`."


class OperationSchema(AutoSchema):
    def get_operation(self, *args, **options) -> dict | None:
        operation = super().get_operation(*args, **options)
        deprecation = deprecation_of(self.view, getattr(self.view, "action", self.method.lower()))
        if operation and deprecation:
            operation |= {"deprecated": True, "x-sunset": deprecation.sunset.isoformat()}
        return operation

    def get_auth(self) -> list[dict]:
        """Server keys only where the view accepts them."""
        schemes = super().get_auth()
        if scope_needed(self.view, self.method):
            return schemes
        return [scheme for scheme in schemes if ServerKeyScheme.name not in scheme]

    def get_override_parameters(self) -> list:
        """Those that the view declares, and the header with which a server key names a learner."""
        described, declared = LEARNER_PARAMETER.get(learner_header_of(self.view)), super().get_override_parameters()
        if described is None or not scope_needed(self.view, self.method):
            return declared
        header = OpenApiParameter(
            LEARNER_HEADER, str, OpenApiParameter.HEADER, description=f"{described} {HOW_WRITTEN}"
        )
        return [*declared, header]

    def _insert_field_validators(self, field, schema: dict) -> None:
        super()._insert_field_validators(field, schema)
        if any(has_no_pattern(validator) for validator in field.validators):
            remove_pattern(schema)


def has_no_pattern(validator) -> bool:
    """Whether a JSON schema cannot say what the validator wants.

    It has no patterns that must not match, and many generators of clients do not know lookahead and lookbehind.
    """
    return isinstance(validator, RegexValidator) and (
        validator.inverse_match or any(group in validator.regex.pattern for group in ("(?=", "(?!", "(?<"))
    )


def remove_pattern(schema: dict) -> None:
    if "oneOf" in schema:  # drf-spectacular's "a text of this pattern, or an empty one"
        schema.update(schema.pop("oneOf")[0])
    schema.pop("pattern", None)
