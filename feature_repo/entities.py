"""What features belong to."""

from feast import Entity, ValueType

device = Entity(
    name="device",
    join_keys=["device_key"],
    value_type=ValueType.STRING,
    description="What a MAC names, as a keyed pseudonym (PRV-1)",
)

household = Entity(
    name="household",
    join_keys=["household_id"],
    value_type=ValueType.STRING,
    description="Devices that live together, under an id of our own (HH-1)",
)
