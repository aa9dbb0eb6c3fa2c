"""Reads a form with many files."""

from __future__ import annotations

from starlette.datastructures import FormData, UploadFile

from tillhand_common.problems import InvalidInput
from tillhand_rag.models.ingestions import UploadsForm
from tillhand_rag.routes.uploads import validated
from tillhand_rag.service.ingestions import IncomingFile

MOST_FILES = 1_000
_LONGEST_NAME = 1_000


def incoming_files(form: FormData) -> tuple[UploadsForm, list[IncomingFile]]:
    """The fields and files of a form. Raises 422 naming what is wrong, such as two files of one name."""
    given = validated(UploadsForm, {name: value for name, value in form.multi_items() if name != "file"})
    files = [_file(value) for value in form.getlist("file")]
    if not files:
        raise InvalidInput("The form has no file.", field="file")
    if len({file.name for file in files}) < len(files):
        raise InvalidInput("Two files have the same name.", field="file")
    return given, files


def _file(value: UploadFile | str) -> IncomingFile:
    if not isinstance(value, UploadFile):
        raise InvalidInput("This part of the form is no file.", field="file")
    name = value.filename or ""
    if not 1 <= len(name) <= _LONGEST_NAME or not _is_text(name):
        raise InvalidInput(f"A file needs a name of up to {_LONGEST_NAME} characters.", field="file")
    return IncomingFile(name, value.content_type, value.file)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
