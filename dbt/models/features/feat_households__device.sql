{{ config(tags=['households']) }}

with

run as (

    select * from {{ ref('stg_platform__run') }}

),

assignments as (

    select * from {{ ref('stg_households__assignments') }}

),

visits as (

    select * from {{ ref('stg_households__visits') }}

),

inferences as (

    select * from {{ ref('stg_households__inferences') }}

),

-- PRV-5: whoever has no consent to advertising has no inference, and so no row for ad decisions
inferred as (

    select
        device_key,
        max(answer) filter (where what = 'age_group') as age_group,
        max(confidence) filter (where what = 'age_group') as age_group_confidence,
        max(answer) filter (where what = 'gender') as gender,
        max(confidence) filter (where what = 'gender') as gender_confidence
    from inferences
    where device_key is not null
    group by device_key

),

homes as (

    select
        assignments.device_key,
        assignments.household_id,
        assignments.from_at,
        assignments.confidence,
        assignments.is_separable,
        run.as_of
    from assignments
    inner join run
        on assignments.from_at <= run.as_of
        and (assignments.until_at is null or assignments.until_at > run.as_of)
    qualify row_number() over (
        partition by assignments.device_key
        order by assignments.from_at desc, assignments.household_id asc
    ) = 1

),

visits_counted as (

    select
        visits.device_key,
        count(distinct visits.day) as away_days_30d
    from visits
    inner join run
        on visits.last_at <= run.as_of
        and visits.day > run.as_of::date - interval ({{ var('window_days') }}) day
    group by visits.device_key

),

device_rows as (

    select
        homes.device_key,
        homes.as_of as event_timestamp,
        homes.as_of as created_timestamp,
        homes.household_id,
        epoch(homes.as_of - homes.from_at) / 86400 as membership_days,
        homes.confidence as household_confidence,
        homes.is_separable,
        coalesce(visits_counted.away_days_30d, 0) as away_days_30d,
        inferred.age_group,
        inferred.age_group_confidence,
        inferred.gender,
        inferred.gender_confidence
    from homes
    inner join inferred on homes.device_key = inferred.device_key
    left join visits_counted on homes.device_key = visits_counted.device_key

)

select * from device_rows
