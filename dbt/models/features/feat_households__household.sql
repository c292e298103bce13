{{ config(tags=['households']) }}

with

devices as (

    select * from {{ ref('feat_households__device') }}

),

run as (

    select * from {{ ref('stg_platform__run') }}

),

sessions as (

    select * from {{ ref('fct_sessions') }}

),

visits as (

    select * from {{ ref('stg_households__visits') }}

),

inferences as (

    select * from {{ ref('stg_households__inferences') }}

),

classes as (

    select
        sessions.device_key,
        arg_max(sessions.device_class, sessions.started_at) as device_class
    from sessions
    inner join run on sessions.started_at < run.as_of
    group by sessions.device_key

),

hosts as (

    select
        devices.household_id,
        visits.host_household_id,
        count(distinct visits.day) as day_count
    from visits
    inner join devices on visits.device_key = devices.device_key
    inner join run
        on visits.last_at <= run.as_of
        and visits.day > run.as_of::date - interval ({{ var('window_days') }}) day
    where visits.host_household_id != devices.household_id
    group by all

),

-- HH-4: fewer than two days are no visiting
visiting as (

    select
        household_id,
        count(*) as visited_household_count,
        sum(day_count)::bigint as visiting_days_30d
    from hosts
    where day_count > 1
    group by household_id

),

incomes as (

    select
        household_id,
        max(answer) as income,
        max(confidence) as income_confidence
    from inferences
    where what = 'income'
    group by household_id

),

members as (

    select
        devices.household_id,
        max(devices.event_timestamp) as event_timestamp,
        count(*) as device_count,
        {%- for device_class in device_classes() %}
            count(*) filter (where classes.device_class = '{{ device_class }}') as {{ device_class }}_count,
        {%- endfor %}
        max(devices.membership_days) as tenure_days,
        avg(devices.household_confidence) as confidence
    from devices
    left join classes on devices.device_key = classes.device_key
    group by devices.household_id

),

household_rows as (

    select
        members.*,
        members.event_timestamp as created_timestamp,
        coalesce(visiting.visited_household_count, 0) as visited_household_count,
        coalesce(visiting.visiting_days_30d, 0) as visiting_days_30d,
        incomes.income,
        incomes.income_confidence
    from members
    left join visiting on members.household_id = visiting.household_id
    left join incomes on members.household_id = incomes.household_id

)

select * from household_rows
