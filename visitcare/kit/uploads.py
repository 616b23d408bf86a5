"""What people upload, while it arrives: in a file without a name, which is gone with the process that holds it."""

import tempfile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from visitcare.kit.sheets.safety import MAX_FILE_BYTES


class NamelessUploadHandler(FileUploadHandler):
    """Django's own handlers keep a small upload in memory and a large one under a name in the folder for temporary
    files, where it outlives a process that is killed. Of what is too large only the size is taken in, so that whoever
    sent it can be told."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 (open for as long as the request reads it)
        self.size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.size += len(raw_data)
        if self.size <= MAX_FILE_BYTES:
            self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        self.file.seek(0)
        return UploadedFile(
            file=self.file,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
        )

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
