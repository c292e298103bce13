{# The begin of a time's bucket, UTC without zone: buckets are counted from 1970, as core.algorithms.households does. #}
{% macro begin_of_bucket(at, microseconds) -%}
    {{ return(adapter.dispatch('begin_of_bucket')(at, microseconds)) }}
{%- endmacro %}

{% macro duckdb__begin_of_bucket(at, microseconds) -%}
    make_timestamp(epoch_us({{ at }}) // {{ microseconds }} * {{ microseconds }})
{%- endmacro %}

{% macro spark__begin_of_bucket(at, microseconds) -%}
    cast(
        timestamp_micros(
            unix_micros(cast({{ at }} as timestamp)) div {{ microseconds }} * {{ microseconds }}
        ) as timestamp_ntz
    )
{%- endmacro %}
