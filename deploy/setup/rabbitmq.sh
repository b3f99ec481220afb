#!/usr/bin/env bash
# Makes sure that a RabbitMQ server is installed; the tests start private nodes of it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

installed() { [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || command -v rabbitmq-server >/dev/null; }

[ -z "${AMQP_URL:-}" ] || exit 0
! installed || exit 0

can_install || die "The tests need RabbitMQ: install Debian's package rabbitmq-server, or set AMQP_URL\
 to a broker that they may use. Without either, this runs the rest: .venv/bin/pytest -m 'not rabbitmq'"

install_packages rabbitmq-server
# The machine's own node is nobody's wish: it shall not start at the next boot either.
quietly update-rc.d rabbitmq-server disable || true
! command -v systemctl >/dev/null || quietly systemctl disable rabbitmq-server || true
