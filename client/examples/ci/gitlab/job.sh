# What the stages share; sourced. The runner gives a job's variables with CUSTOM_ENV_ before their names, and
# the codes that mean that the job has failed, or that we have.
set -eu
EMUCTL=${EMUCTL:-emuctl}
export EMUCTL
VM=gitlab-${CUSTOM_ENV_CI_JOB_ID:?the GitLab runner sets it}

system_failure() {
  echo "emu: $*" >&2
  exit "${SYSTEM_FAILURE_EXIT_CODE:-2}"
}
