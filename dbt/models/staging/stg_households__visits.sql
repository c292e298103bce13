{{ config(tags=['households']) }}

with

source as (

    select * from {{ source('households', 'visits') }}

),

named as (

    select
        device_key,
        household_id,
        host_household_id,
        day,
        last_at
    from source

)

select * from named
