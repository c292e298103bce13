with

run as (

    select * from {{ ref('stg_platform__run') }}

),

playbacks as (

    select * from {{ ref('int_playbacks_merged') }}

),

playbacks_touched as (

    select playbacks.*
    from playbacks
    inner join run on playbacks.build_id = run.build_id

),

stretches as (

    select
        device_key,
        personal_started_at as from_at,
        personal_ended_at as until_at
    from playbacks_touched
    union all
    select
        previous_device_key as device_key,
        previous_personal_started_at as from_at,
        personal_ended_at as until_at
    from playbacks_touched

),

devices_touched as (

    select
        device_key,
        min(from_at) as from_at,
        max(until_at) as until_at
    from stretches
    where device_key is not null
    group by device_key

)

select * from devices_touched
