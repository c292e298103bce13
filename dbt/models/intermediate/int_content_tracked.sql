{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='content_id') }}

with

run as (

    select * from {{ ref('stg_platform__run') }}

),

content as (

    select * from {{ ref('stg_lake__content') }}

),

changed as (

    select
        content_id,
        kind,
        genre,
        duration_s
    from content

    {% if is_incremental() %}
        except
        select
            content_id,
            kind,
            genre,
            duration_s
        from {{ this }}
    {% endif %}

),

stamped as (

    select
        changed.content_id,
        changed.kind,
        changed.genre,
        changed.duration_s,
        run.build_id
    from changed
    cross join run

)

select * from stamped
