{# NV-T2: seconds really played over the length; a video watched twice in one playback counts as whole, not as double. #}
{% macro watched_share(watched_s, duration_s) -%}
    case when {{ watched_s }} >= {{ duration_s }} then 1.0 else round({{ watched_s }} / {{ duration_s }}, 9) end
{%- endmacro %}

{# NV-T2. A playback whose length nobody knows is no play. #}
{% macro is_play(share) -%}
    coalesce({{ share }} >= {{ var('min_watched_share') }}::double, false)
{%- endmacro %}

{# NV-U1: more than this many seconds of progress. #}
{% macro is_view(watched_s) -%}
    coalesce({{ watched_s }} > {{ var('view_min_seconds') }}::double, false)
{%- endmacro %}

{# NV-T1: half open, so two windows that meet share no play. #}
{% macro is_in_window(column) -%}
    {{ column }} >= run.window_starts_at and {{ column }} < run.as_of
{%- endmacro %}
