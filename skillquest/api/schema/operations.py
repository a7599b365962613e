"""How drf-spectacular describes views and their fields, where its own way does not suit us or generators of clients."""

from django.core.validators import RegexValidator
from drf_spectacular.openapi import AutoSchema

from apidocs.deprecations import deprecation_of


class OperationSchema(AutoSchema):
    def get_operation(self, *args, **options) -> dict | None:
        operation = super().get_operation(*args, **options)
        deprecation = deprecation_of(self.view, getattr(self.view, "action", self.method.lower()))
        if operation and deprecation:
            operation |= {"deprecated": True, "x-sunset": deprecation.sunset.isoformat()}
        return operation

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
