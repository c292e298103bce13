"""The command line. It composes the stages and holds no logic; heavy imports wait until a command runs."""

import sys

import typer

from core.errors import StageError, UserError

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Mediathek ML: from view logs to recommendations.")


def main() -> None:
    """Run one command; a user's mistake ends with one clear line and exit code 2."""
    try:
        app()
    except UserError as error:
        print(f"mediathek: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except StageError as error:
        print(f"mediathek: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(1)


if __name__ == "__main__":
    main()
