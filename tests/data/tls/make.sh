#!/bin/sh
# Makes the certificates of the tests: trusted nowhere, good for a hundred years.
set -eu
cd "$(dirname "$0")"
days=36500
authority() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1-key.pem" -out "$1.pem" -days $days -subj "/CN=$1" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign; }
signed() { # name, authority, extension
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1-key.pem" -out "$1.csr" -subj "/CN=$1"
  printf '%s\n' "$3" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2-key.pem" -CAcreateserial -out "$1.pem" -days $days -extfile "$1.ext"
  rm "$1.csr" "$1.ext"
}
authority ca
authority stranger
signed server ca "subjectAltName=DNS:localhost,IP:127.0.0.1"
signed client ca "extendedKeyUsage=clientAuth"
signed intruder stranger "extendedKeyUsage=clientAuth"
authority next-ca # what comes when the others are renewed
signed next-server next-ca "subjectAltName=DNS:localhost,IP:127.0.0.1"
signed next-client next-ca "extendedKeyUsage=clientAuth"
rm -f ./*.srl ca-key.pem stranger-key.pem stranger.pem next-ca-key.pem
