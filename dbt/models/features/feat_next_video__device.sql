{{
    config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        meta={
            'touched': 'int_devices_touched',
            'replaces': 'old.device_key = touched.device_key and old.event_timestamp > touched.from_at',
        },
    )
}}

with

touched as (

    select * from {{ ref('int_devices_touched') }}

),

device_days as (

    select device_days.*
    from {{ ref('fct_device_days') }} as device_days
    inner join touched
        on device_days.device_key = touched.device_key
        and device_days.day > touched.from_at::date - interval ({{ var('window_days') }}) day

),

days_summed as (

    select
        device_key,
        -- what a day held is known when the day is over
        (day + interval 1 day)::timestamp as event_timestamp,
        max(last_play_at) over recent as last_play_at,
        (sum(play_count) over recent)::bigint as play_count_30d,
        {%- for genre in genres_with_taste() %}
            (sum(watched_s_{{ genre }}::decimal(18, 3)) over recent)::double as watched_s_{{ genre }},
        {%- endfor %}
        {%- for device_class in device_classes() %}
            (sum(watched_s_{{ device_class }}::decimal(18, 3)) over recent)::double as watched_s_{{ device_class }},
        {%- endfor %}
        (sum(watched_s::decimal(18, 3)) over recent)::double as watched_s_30d
    from device_days
    window recent as (
        partition by device_key
        order by day
        range between interval ({{ var('window_days') }} - 1) day preceding and current row
    )

),

shares as (

    select
        device_key,
        event_timestamp,
        event_timestamp as created_timestamp,
        case greatest(
            {%- for device_class in device_classes() -%}
                watched_s_{{ device_class }}{{ ', ' if not loop.last }}
            {%- endfor -%}
        )
            {%- for device_class in device_classes() %}
                when watched_s_{{ device_class }} then '{{ device_class }}'
            {%- endfor %}
        end as main_device_class,
        play_count_30d,
        watched_s_30d,
        {%- for genre in genres_with_taste() %}
            coalesce(watched_s_{{ genre }} / nullif(watched_s_30d, 0), 0) as taste_{{ genre }},
        {%- endfor %}
        epoch(event_timestamp - last_play_at) / 86400 as days_since_last_play
    from days_summed

),

touched_rows as (

    select shares.*
    from shares
    inner join touched
        on shares.device_key = touched.device_key
        and shares.event_timestamp > touched.from_at

)

select * from touched_rows
