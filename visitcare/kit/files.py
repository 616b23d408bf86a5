"""Static files named by their content, so that a phone may keep each for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class NamedByContent(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also where a script asks for another: a page never gets half of one release and half of the next."""

    support_js_module_import_aggregation = True
