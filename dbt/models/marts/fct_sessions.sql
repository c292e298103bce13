{{
    config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        meta={'touched': 'int_devices_touched', 'replaces': 'old.device_key = touched.device_key'},
    )
}}

with

touched as (

    select * from {{ ref('int_devices_touched') }}

),

playbacks as (

    select * from {{ ref('fct_playbacks') }}
    where device_key in (select touched.device_key from touched)

),

sessions as (

    select
        session_id,
        device_key,
        min(device_class) as device_class,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        count(*) as playback_count,
        {{ seconds_summed('watched_s') }} as watched_s
    from playbacks
    group by session_id, device_key

)

select * from sessions
