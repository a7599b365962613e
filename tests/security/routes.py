"""Every address of the product, read from its resolver and written as people write it: `/api/v1/levels/{id}`."""

import re
from dataclasses import dataclass

from django.contrib import admin
from django.urls import URLResolver, get_resolver

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
API, OTHER_API = "/api/v1/", "/api/"
ADMIN = "/admin/"

# How Django writes a parameter -> how the table does.
SPELLINGS = [
    (re.compile(r"\(\?P<(\w+)>[^()]*\)"), r"{\1}"),
    (re.compile(r"<(?:\w+:)?(\w+)>"), r"{\1}"),
    (re.compile(r"\(\?:/\.\*\)\?"), "/{anything}"),
]


@dataclass(frozen=True)
class Route:
    path: str
    callback: object


def routes(resolver=None, prefix="/"):
    """Each path once: where two patterns match, the first answers."""
    found = {}
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + in_words(str(pattern.pattern))
        inner = routes(pattern, path) if isinstance(pattern, URLResolver) else [Route(path, pattern.callback)]
        for route in inner:
            found.setdefault(route.path, route)
    return list(found.values())


def in_words(pattern):
    text = pattern.removeprefix("^").removesuffix("$")
    for spelling, words in SPELLINGS:
        text = spelling.sub(words, text)
    if re.search(r"[\\()\[\]?*+|^$<>]", text):
        raise ValueError(f"Teach tests/security/routes.py to write {pattern!r} down.")
    return text


def is_api(path):
    return path.startswith(OTHER_API)


def is_admin(path):
    return path.startswith(ADMIN)


def model_paths(model):
    """The folder in which the admin keeps a model's pages."""
    return f"{ADMIN}{model._meta.app_label}/{model._meta.model_name}/"


def registered_models():
    return {model_paths(model): model for model in admin.site._registry}


def admin_actions():
    """`/admin/tracking/completion/#release`: what can be done to chosen rows of a list."""
    return [
        f"{model_paths(model)}#{name}"
        for model, model_admin in admin.site._registry.items()
        for _function, name, _description in model_admin._get_base_actions()
    ]
