"""All paths of the product, read from its URL resolver and written like `/api/v1/levels/{id}`."""

import re
from dataclasses import dataclass

from django.contrib import admin
from django.urls import URLResolver, get_resolver

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
API, UNVERSIONED_API = "/api/v1/", "/api/"
ADMIN = "/admin/"

# A parameter as Django writes it -> as the table writes it.
REPLACEMENTS = [
    (re.compile(r"\(\?P<(\w+)>[^()]*\)"), r"{\1}"),
    (re.compile(r"<(?:\w+:)?(\w+)>"), r"{\1}"),
    (re.compile(r"\(\?:/\.\*\)\?"), "/{anything}"),
]


@dataclass(frozen=True)
class Route:
    path: str
    callback: object

    def may_handle(self, method):
        """False where a view of the API has nothing for the method. Permissions may refuse it before that shows."""
        view = getattr(self.callback, "cls", None)
        return view is None or method.lower() in getattr(self.callback, "actions", {}) or hasattr(view, method.lower())


def routes(resolver=None, prefix="/"):
    """Each path once, because the first matching pattern handles it."""
    found = {}
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + readable_path(str(pattern.pattern))
        inner = routes(pattern, path) if isinstance(pattern, URLResolver) else [Route(path, pattern.callback)]
        for route in inner:
            found.setdefault(route.path, route)
    return list(found.values())


def readable_path(pattern):
    text = pattern.removeprefix("^").removesuffix("$")
    for pattern_part, replacement in REPLACEMENTS:
        text = pattern_part.sub(replacement, text)
    if re.search(r"[\\()\[\]?*+|^$<>]", text):
        raise ValueError(f"Add to REPLACEMENTS in tests/security/routes.py how to write {pattern!r}.")
    return text


def is_api(path):
    return path.startswith(UNVERSIONED_API)


def is_admin(path):
    return path.startswith(ADMIN)


def model_paths(model):
    """The path below which the admin has a model's pages."""
    return f"{ADMIN}{model._meta.app_label}/{model._meta.model_name}/"


def registered_models():
    return {model_paths(model): model for model in admin.site._registry}


def admin_actions():
    """The actions on selected rows of a list, such as `/admin/tracking/completion/#release`."""
    return [
        f"{model_paths(model)}#{name}"
        for model, model_admin in admin.site._registry.items()
        for _function, name, _description in model_admin._get_base_actions()
    ]
