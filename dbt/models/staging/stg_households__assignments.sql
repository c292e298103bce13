{{ config(tags=['households']) }}

with

source as (

    select * from {{ source('households', 'assignments') }}

),

named as (

    select
        device_key,
        household_id,
        from_at,
        until_at,
        confidence,
        is_separable
    from source

)

select * from named
