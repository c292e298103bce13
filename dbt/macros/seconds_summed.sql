{# Exact whatever the order of the rows, so that an incremental and a full build agree to the last bit. #}
{% macro seconds_summed(seconds, condition='true') -%}
    coalesce(sum({{ seconds }}::decimal(18, 3)) filter (where {{ condition }}), 0)::double
{%- endmacro %}
