-- Figures of turnpike for prometheus-node-exporter-lua.
local ubus = require "ubus"

local function scrape()
  local bus = ubus.connect()
  local status = bus and bus:call("turnpike", "status", {})
  if bus then bus:close() end

  metric("turnpike_up", "gauge", nil, status and 1 or 0)
  if not status then return end

  metric("turnpike_uptime_seconds", "gauge", nil, status.uptime)
  metric("turnpike_journal_ok", "gauge", nil, status.journal.state == "ok" and 1 or 0)
  metric("turnpike_journal_damages", "gauge", nil, #(status.journal.damages or {}))
  metric("turnpike_journal_bytes", "gauge", nil, status.journal.bytes)
  metric("turnpike_clock_set", "gauge", nil, status.clock.state == "set" and 1 or 0)
  metric("turnpike_backstop_on", "gauge", nil, status.backstop.state == "on" and 1 or 0)

  local sessions = metric("turnpike_sessions", "gauge")
  for state, count in pairs(status.sessions) do
    sessions({ state = state }, count)
  end

  local up = metric("turnpike_gateway_up", "gauge")
  local clients = metric("turnpike_gateway_clients", "gauge")
  local failing = metric("turnpike_gateway_gates_failing", "gauge")
  local polls = metric("turnpike_gateway_polls_total", "counter")
  local failed = metric("turnpike_gateway_failed_polls_total", "counter")
  for _, gateway in ipairs(status.gateways) do
    local labels = { gateway = gateway.name }
    up(labels, gateway.state == "up" and 1 or 0)
    clients(labels, gateway.clients)
    failing(labels, gateway.gates_failing)
    polls(labels, gateway.polls)
    failed(labels, gateway.failed_polls)
  end

  local backlog = metric("turnpike_sink_backlog", "gauge")
  for _, sink in ipairs(status.sinks or {}) do
    backlog({ sink = sink.name }, sink.backlog)
  end

  local standing = metric("turnpike_upstream_up", "gauge")
  for _, seam in ipairs({ "authorizers", "sinks", "order_sources", "payments" }) do
    for _, one in ipairs(status[seam] or {}) do
      standing({ seam = seam, name = one.name }, one.state == "up" and 1 or 0)
    end
  end
end

return { scrape = scrape }
