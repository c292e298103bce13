"""Device classes, as the contract spells them (NV-X2)."""

from typing import Literal, get_args

DeviceClass = Literal["tv", "smartphone", "tablet", "desktop"]
DEVICE_CLASSES: tuple[DeviceClass, ...] = get_args(DeviceClass)
