#!/bin/bash
# Real voices and real music for `ad-detection compose --recordings`, out of Debian's packages: fetched, unpacked into a
# cache, never committed. Licences lie in each package's usr/share/doc (CC-BY-SA, CC0, GPL, public domain).
# Train and test share no package. Usage: fetch_recordings.sh FOLDER
set -euo pipefail
folder=$(realpath -m "$1")
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo "corpus: needs apt-get and dpkg-deb (Debian, Ubuntu)"; exit 1; }
mkdir -p "$folder/packages"

fetch() {  # part, kind, package
  local target="$folder/$1/$2/$3"
  [ -d "$target" ] && return
  (cd "$folder/packages" && apt-get download -q -o APT::Sandbox::User=root "$3" >/dev/null) || { echo "corpus: $3 is not to be had; run apt-get update"; exit 1; }
  mkdir -p "$target.part"
  dpkg-deb --fsys-tarfile "$folder/packages/$3"_*.deb | tar -x -C "$target.part" --wildcards "./usr/share/doc/*" "$4"
  mv "$target.part" "$target"
  rm "$folder/packages/$3"_*.deb
  echo "corpus: $1 $2 $3"
}

for package in asterisk-core-sounds-en-wav asterisk-core-sounds-it-wav asterisk-core-sounds-ru-wav; do
  fetch train speech $package "*/sounds/*"
done
fetch train speech fillets-ng-data-nl "*/nl/*"
fetch train music wesnoth-1.16-music "*/music/*"
fetch train music supertux-data "*/music/*"
for package in asterisk-core-sounds-fr-wav asterisk-core-sounds-es-wav; do
  fetch test speech $package "*/sounds/*"
done
fetch test speech fillets-ng-data-cs "*/cs/*"
fetch test music planetblupi-music-ogg "*.ogg"
fetch test music singularity-music "*/music/*"
fetch test music asterisk-moh-opsound-wav "*/moh/*"

# Who made it and under which licence: each package's own words, and a list of them beside.
find "$folder/train" "$folder/test" -path "*/usr/share/doc/*/copyright" | sort | while read -r words; do
  package=$(basename "$(dirname "$words")")
  licences=$({ grep -iohE "CC0[-0-9.]*|CC[- ]BY[-A-Z]*[- ]?[0-9.]*[0-9]|L?GPL[- ]?(v|version )?[0-9.]*[0-9]\+?|Expat|public domain|creativecommons.org/licenses/[a-z-]+/[0-9.]+" "$words" || true; } | sort -uf | paste -sd, | sed "s/,/, /g")
  echo "$package: ${licences:-see its copyright file} (${words#"$folder/"})"
done > "$folder/LICENCES.txt"
echo "corpus: ready in $folder; licences: $folder/LICENCES.txt"
