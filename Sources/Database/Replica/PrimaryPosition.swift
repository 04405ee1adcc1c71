// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// How far the primary was at some moment: a standby that has come as far has all that was committed until then.
struct PrimaryPosition: Hashable, Sendable {
    /// What a standby says of itself when it has come as far.
    static let reached = "reached"
    /// What it says when it soon will have.
    static let behind = "it is behind"

    private let location: String
    private let timeline: String
    private let system: String

    /// Asks the primary.
    ///
    /// A commit is confirmed when it is flushed; without `synchronous_commit` it is sooner, and so is what counts.
    private static let ask = Statement.read(
        """
        select p.location::text, substr(pg_walfile_name(p.location), 1, 8),
            (select system_identifier::text from pg_control_system())
        from (
            select case
                when pg_is_in_recovery() then null
                when current_setting('synchronous_commit') = 'off' then pg_current_wal_insert_lsn()
                else pg_current_wal_flush_lsn()
            end as location
        ) p
        """
    )

    /// Where `primary` is now; nil when it is no primary.
    ///
    /// - Throws: ``DatabaseError``.
    static func now(of primary: some StatementExecutor) async throws(DatabaseError) -> PrimaryPosition? {
        guard let row = try await primary.execute(ask).first, let location = try row.decode(0, as: String?.self) else {
            return nil
        }
        return PrimaryPosition(location: location, timeline: try row.decode(1), system: try row.decode(2))
    }

    /// Asks a server whether it is a standby of this primary that has come as far: ``reached``, or what is in the way.
    ///
    /// After a failover the same locations are written again, with other contents, so the timeline counts too. A standby
    /// tells that of its last restart point: it is told apart for too long, which is safe.
    static let isReached = Statement.read(
        """
        select case
            when not pg_is_in_recovery() then 'it is no standby'
            when (select system_identifier::text from pg_control_system()) <> $3
                then 'it is a standby of another database'
            when (select upper(lpad(to_hex(timeline_id), 8, '0')) from pg_control_checkpoint()) <> $2
                then 'it has not followed the last failover yet'
            when pg_last_wal_replay_lsn() >= $1::text::pg_lsn then 'reached'
            else 'it is behind'
        end
        """
    )

    /// The parameters of ``isReached``.
    var parameters: [Parameter] {
        [.text(location), .text(timeline), .text(system)]
    }
}
