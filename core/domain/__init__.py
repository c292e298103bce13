"""Domain types and the glossary: one word per idea.

Glossary
--------
- *event*: one line of a view log, whatever its kind. *view*: a progress report of a playback (one event).
- *playback*: all progress reports that share a ``playback_id``. *play*: a playback of at least 35 % (NV-T2).
- *session*: playbacks of one device with no silence longer than 30 minutes between them.
- *video*: a catalogue entry that can be played. *page*: an article. *content*: either.
- *device*: what a MAC names. *household*: devices that live together. *unit*: what an experiment assigns by.
- *arm*: what an experiment gives some units. *layer*: experiments that share units but never a unit. *look*: a time at
  which an experiment may be decided. *guardrail*: what must not get worse. *band*: what holds the truth at all looks.
- *current*: the video being watched when the next one is asked for. *candidate*: a video that may become an item.
- *item*: a recommended video. *decision*: one answer of the API and its record.
- *withdrawal*: the first event of a device without a consent after one with it (PRV-2).
- *sighting*: a device at an address within ten minutes. *presence*: its sightings at an address on a day.
- *lease*: an address in one router's hands for a time. *crowd*: an address that too many share to prove anything.
- *core*: devices whose pairs leave no doubt that they live together. *label*: a household before it has its id.
- *visit*: a device seen in the lease of a household not its own. *link*: two households of which one visits the other
  (HH-4). *inference*: what is believed of a device or household for ads, with its *confidence*; *not sure* is one.
- *step*: one line of the households' feed. *version*: a state of the households' graph, by number; *delta*: what makes
  the next of it. *place*: the version a client was told last. *touched*: what a step or a delta changed.
- *spot*: one film of a *campaign*. *creative*: what a spot shows; the same file under two ids is one (HH-11). *break*:
  what is filled at once, in *slots* of seconds. *unit* of a cap: a device, whose household's members are counted
  together. *reservation*: a spot given to a break and not known to have been played; it counts like a play.
- *batch*: one commit of ingestion. *hour*: a partition by event time. *as of*: the time of a run.
- *recording*, *stream*: sound whole, or as it comes. *stretch*: a detected piece of one label; *segment*: the truth.
  *frame*: 20 ms of sound; *step*: 0.2 s, in ad detection. *landmark*: a hashed pair of spectral peaks; *clip*: what the
  *hotlist* knows. *spot*: one advertisement; *break*: spots in a row; *verdict*: what a second of a stream was.
- *report*: what somebody says a station sent, until a person decides; *correction*: what a person decided, and what is
  learned from (AD-6).
- *viewing volume* (Sehvolumen): seconds really played. *bundle*: the files of a trained model.
"""

from core.domain.device import DEVICE_CLASSES, DeviceClass

__all__ = ["DEVICE_CLASSES", "DeviceClass"]
