#!/usr/bin/env python3
"""Django's command line for visitcare."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "visitcare.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import InterfaceError, OperationalError

    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, InterfaceError, OperationalError) as error:
        if "--traceback" in sys.argv:
            raise
        # Settings and database are the machine's business, not the program's: what is wrong, in a line.
        words = next(iter(str(error).splitlines()), type(error).__name__)
        again = (
            ""
            if isinstance(error, ImproperlyConfigured)
            else "数据库用不了，没办完的没有算数，好了再运行一次。"
        )
        sys.exit(f"{again}{words}")
