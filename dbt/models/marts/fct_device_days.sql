{{
    config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        meta={
            'touched': 'int_devices_touched',
            'replaces': 'old.device_key = touched.device_key and old.day >= touched.from_at::date',
        },
    )
}}

with

touched as (

    select * from {{ ref('int_devices_touched') }}

),

playbacks as (

    select playbacks.*
    from {{ ref('fct_playbacks') }} as playbacks
    inner join touched
        on playbacks.device_key = touched.device_key
        and playbacks.started_at >= touched.from_at::date

),

device_days as (

    select
        playbacks.device_key,
        playbacks.started_at::date as day,
        count(*) filter (where playbacks.is_play) as play_count,
        max(playbacks.started_at) filter (where playbacks.is_play) as last_play_at,
        {%- for genre in genres_with_taste() %}
            {{ seconds_summed('playbacks.watched_s', "playbacks.genre = '" ~ genre ~ "'") }} as watched_s_{{ genre }},
        {%- endfor %}
        {%- for device_class in device_classes() %}
            {{ seconds_summed('playbacks.watched_s', "playbacks.device_class = '" ~ device_class ~ "'") }}
                as watched_s_{{ device_class }},
        {%- endfor %}
        {{ seconds_summed('playbacks.watched_s') }} as watched_s
    from playbacks
    group by all

)

select * from device_days
