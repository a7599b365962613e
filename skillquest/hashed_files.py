"""Where `collectstatic` puts static files: under names with a hash, which browsers keep for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Modules import each other under these names too, so that a page never gets an old module with a new one."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 10  # at most as many as there are modules in a chain of imports
