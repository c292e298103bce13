{# The genres of which a device has a taste (core.contracts.exports.GENRES_WITH_TASTE). #}
{% macro genres_with_taste() -%}
    {{ return(['documentary', 'report', 'news', 'fiction', 'show', 'sport', 'kids', 'magazine']) }}
{%- endmacro %}

{# The contract's device classes, in the order in which a tie is decided. #}
{% macro device_classes() -%}
    {{ return(['tv', 'smartphone', 'tablet', 'desktop']) }}
{%- endmacro %}
