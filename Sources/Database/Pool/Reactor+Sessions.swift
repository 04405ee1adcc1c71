// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

// How a session is set up.
extension Reactor {
    /// Dates as we read them: ISO style, and UTC, so that no offset has seconds.
    ///
    /// The server reports changes of these two, so that a pooler sets them in whichever session it gives us.
    private static let reportedSettings = Statement.write(
        "select set_config('DateStyle', 'ISO', false), set_config('TimeZone', 'UTC', false)"
    )

    /// The same, and each statement planned once a connection: all of them are written to have one good plan whatever
    /// their parameters are.
    ///
    /// Left to itself PostgreSQL plans a page of a large table anew each time, which costs more than reading it, and
    /// compiles what it believes to be long.
    ///
    /// Then its deadlines, in milliseconds: it ends what nobody waits for any more, when this side is slow, stopped or
    /// gone without a word. That a session is idle is no reason: what is sent at that moment would be lost.
    private static let sessionSettings = Statement.write(
        """
        select set_config('DateStyle', 'ISO', false), set_config('TimeZone', 'UTC', false),
            set_config('plan_cache_mode', 'force_generic_plan', false), set_config('jit', 'off', false),
            set_config('statement_timeout', $1, false), set_config('lock_timeout', '2000', false),
            set_config('idle_in_transaction_session_timeout', '10000', false),
            set_config('idle_session_timeout', '0', false),
            set_config('client_connection_check_interval', '2000', false)
        """
    )

    /// Sets the session up, before anything else is sent on a new connection.
    ///
    /// Not by `options` of the connection string, which PgBouncer refuses.
    func setUpSession(_ index: Int) {
        // A little before our own deadline, which would cost the connection.
        let timeout = Parameter.text(String(configuration.statementTimeout.milliseconds * 9 / 10))
        let (statement, values) =
            configuration.preparesStatements ? (Self.sessionSettings, [timeout]) : (Self.reportedSettings, [])
        guard connections[index] != nil, let parameters = try? EncodedParameters(values) else { return }
        let request = Request(
            number: 0,
            statement: statement,
            parameters: parameters,
            route: .session,
            continuation: nil
        )
        send(PooledRequest(request: request, arrivedAt: now), on: index)
    }
}
