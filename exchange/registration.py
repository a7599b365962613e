from .approvals import register_approvals
from .jobs import register_kind
from .resources import ExchangeResource, add_resource


def register(resource: type[ExchangeResource]) -> type[ExchangeResource]:
    """A decorator: files of its rows are imported, in the background and with a second person, too."""
    add_resource(resource)
    register_kind(resource)
    register_approvals(resource)
    return resource
