with

run as (

    select * from {{ ref('stg_platform__run') }}

),

playbacks as (

    select * from {{ ref('int_playbacks_merged') }}

),

recommendations as (

    select * from {{ ref('int_recommendations_kept') }}

),

stretches as (

    -- a playback may count for a recommendation shown this long before it
    select
        least(playbacks.started_at, playbacks.previous_started_at)
        - interval ({{ var('volume_attribution_hours') }}) hour as from_at,
        greatest(
            playbacks.started_at,
            playbacks.previous_started_at,
            playbacks.personal_started_at,
            playbacks.previous_personal_started_at
        ) as until_at
    from playbacks
    inner join run on playbacks.build_id = run.build_id
    union all
    -- a late recommendation may take a playback away from one shown this long before it
    select
        recommendations.happened_at - interval ({{ var('volume_attribution_hours') }}) hour as from_at,
        recommendations.happened_at as until_at
    from recommendations
    inner join run on recommendations.build_id = run.build_id

),

day_stretches as (

    select distinct
        from_at::date as first_day,
        until_at::date as last_day
    from stretches

),

days_touched as (

    select distinct unnest(generate_series(first_day, last_day, interval 1 day))::date as day
    from day_stretches

)

select * from days_touched
