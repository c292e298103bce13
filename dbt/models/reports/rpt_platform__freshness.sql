{{ config(materialized='view') }}

with

events_counted as (

    select * from {{ ref('int_events_counted') }}

),

content as (

    select * from {{ ref('stg_lake__content') }}

),

decisions_counted as (

    select * from {{ ref('int_decisions_counted') }}

),

sources as (

    select
        'events' as source,
        max(newest_at) as newest_at,
        max(batch_id) as newest_batch_id,
        coalesce(sum(event_count), 0)::bigint as row_count
    from events_counted
    union all
    select
        'catalogue' as source,
        max(updated_at) as newest_at,
        max(batch_id) as newest_batch_id,
        count(*) as row_count
    from content
    union all
    select
        'decisions' as source,
        max(newest_at) as newest_at,
        max(newest_batch_id) as newest_batch_id,
        coalesce(sum(decision_count), 0)::bigint as row_count
    from decisions_counted

)

select * from sources
