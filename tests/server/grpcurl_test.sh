#!/bin/bash
# Makes the calls of proto/README.md with the real grpcurl against a real server: grpcurl_test.sh CTXFITD GRPCURL.
# Exit code 77, skipped, where there is no grpcurl at that path and none in PATH.
set -euo pipefail

ctxfitd=$1
grpcurl=$2
[[ -x $grpcurl ]] || grpcurl=$(command -v grpcurl) || {
  echo "no grpcurl: tests/install-tools installs it"
  exit 77
}

folder=$(mktemp -d)
"$ctxfitd" --listen 127.0.0.1:0 --port-file "$folder/port" --channelz &
server=$!
stop() {
  kill "$server" 2>/dev/null || true
  wait "$server" || true
  rm -r "$folder"
}
trap stop EXIT
for _ in {1..300}; do
  [[ -e $folder/port ]] && break
  sleep 0.1
done
address=127.0.0.1:$(<"$folder/port")

# expect NAME PATTERN OUTPUT: a line of OUTPUT matches PATTERN.
expect() {
  grep -qE -- "$2" <<<"$3" && return
  printf '%s: no line like\n  %s\nin\n%s\n' "$1" "$2" "$3" >&2
  exit 1
}

call() { "$grpcurl" -plaintext "$@"; }

services=$(call "$address" list)
expect list '^ctxfit\.v1\.FittingService$' "$services"
expect list '^ctxfit\.v1\.PlanningService$' "$services"
expect list '^grpc\.health\.v1\.Health$' "$services"

description=$(call "$address" describe ctxfit.v1.FittingService)
expect describe 'rpc Fit \( \.ctxfit\.v1\.FitRequest \) returns \( \.ctxfit\.v1\.FitResponse \)' "$description"
expect describe 'rpc StreamFit .* returns \( stream ' "$description"

health=$(call "$address" describe grpc.health.v1.Health)
expect "describe health" 'rpc Check \( \.grpc\.health\.v1\.HealthCheckRequest \)' "$health"
expect "describe health" 'rpc Watch .* returns \( stream ' "$health"
for service in '' ctxfit.v1.FittingService ctxfit.v1.PlanningService; do
  health=$(call -d "{\"service\": \"$service\"}" "$address" grpc.health.v1.Health/Check)
  expect "health of '$service'" '"status": "SERVING"' "$health"
done

info=$(call "$address" ctxfit.v1.ServerService/ServerInfo)
expect ServerInfo '"version": "[0-9.]+"' "$info"
expect ServerInfo '"queueCapacity": "128"|"queue_capacity": "128"' "$info"

channels=$(call "$address" grpc.channelz.v1.Channelz/GetServers)
expect channelz '"callsStarted": "[0-9]+"|"calls_started": "[0-9]+"' "$channels"

observations='{
  "training_compute_flops": [1e22, 1e22, 1e22, 3e22, 3e22, 3e22, 9e22, 9e22, 9e22],
  "prompt_tokens": [50, 500, 5000, 50, 500, 5000, 50, 500, 5000],
  "context_limit_tokens": [8192, 8192, 8192, 8192, 8192, 8192, 8192, 8192, 8192],
  "score": [0.05, 0.16, 0.28, 0.08, 0.24, 0.43, 0.11, 0.34, 0.6]
}'
fit=$(call -d "{\"observations\": $observations, \"options\": {\"seed\": 1, \"bootstrap\": {\"replicates\": 20}}}" \
  "$address" ctxfit.v1.FittingService/Fit)
expect Fit '"compute_exponent": 0\.[0-9]+' "$fit"
expect Fit '"record_count": "9"' "$fit"
expect Fit '"seed": "1"' "$fit"

progress=$(call -d "{\"observations\": $observations}" "$address" ctxfit.v1.FittingService/StreamFit)
expect StreamFit '"result": \{' "$progress"

prediction=$(call -d '{
  "fit": {"parameters": {"compute_coefficient": 1, "compute_exponent": 0.5, "compute_reference_flops": 1e22,
                         "context_coefficient": 1, "context_exponent": 0.5, "prompt_reference_tokens": 100}},
  "points": {"training_compute_flops": [1e22], "prompt_tokens": [100], "context_limit_tokens": [8192]}
}' "$address" ctxfit.v1.PlanningService/Predict)
# (1 - 1/e)^2
expect Predict '0\.39957640089372' "$prediction"

if error=$(call -d "{\"observations\": ${observations/0.05/1.2}}" "$address" ctxfit.v1.FittingService/Fit 2>&1); then
  echo "a score of 1.2 was taken" >&2
  exit 1
fi
expect "an error" 'Code: InvalidArgument' "$error"
expect "an error" 'observations\.score\[0\] = 1\.2: must be in \[0, 1\]' "$error"
echo "grpcurl: all calls are answered as they should be"
