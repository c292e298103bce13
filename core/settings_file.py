"""One way to read a YAML file that people write, so that all of them are refused in the same words."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from core.errors import UserError

Model = TypeVar("Model", bound=BaseModel)


def read_settings(model: type[Model], file: Path, name: str, whole: str) -> Model:
    """Read and validate a file.

    Args:
        model: what it must be.
        file: where it lies.
        name: what messages call it.
        whole: what they call it where no single field is wrong.

    Raises:
        UserError: it cannot be read, is no YAML, or a field is wrong; the first one is named.
    """
    try:
        return model.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except OSError:
        raise UserError(f"{name}: {file} cannot be read") from None
    except yaml.YAMLError as error:
        raise UserError(f"{name}: {file} is no YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or whole
        raise UserError(f"{name}: {field}: {first['msg'].removeprefix('Value error, ')} (in {file})") from None
