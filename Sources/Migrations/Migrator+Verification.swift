// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database

/// What looks at the schema itself, and not only at what is noted of it.
extension Migrator {
    /// What is wrong with the database: contradictions, what is pending, invalid indexes, and where its schema is another
    /// than `schema`.
    ///
    /// A schema that could not be compared is wrong, too: silence would pass for a comparison.
    ///
    /// - Throws: ``DatabaseError`` when the database cannot be asked.
    package func verify(against schema: SchemaDump?) throws(DatabaseError) -> [String] {
        let plan = try status()
        var problems = plan.problems.map(\.description)
        if let first = plan.pending.first {
            let more = plan.pending.count - 1
            problems.append("pending: \(first.fileName)\(more > 0 ? " and \(more) more" : "")")
        }
        for row in try connection.execute(Self.invalidIndexes).rows {
            problems.append(
                "the index \(try row.decode(0, as: String.self)) is invalid: a build that did not end has left it; "
                    + "drop it, or let the migration that builds it run again"
            )
        }
        let present = try SchemaDump(connection)
        if let schema, schema.version == present.version { return problems + present.differences(from: schema) }
        let versions = (schema?.version ?? "none", present.version ?? "none")
        let reason =
            schema == nil
            ? "the folder has no schema.sql of scripts/schema"
            : "schema.sql is that of migration \(versions.0), this one of \(versions.1)"
        return problems + ["the schema was not compared: \(reason)"]
    }

    /// Notes migrations as applied without running them, for a schema that something else has made.
    ///
    /// - Parameters:
    ///   - version: The newest one to note.
    ///   - schema: What the schema must be, when that is of `version`.
    /// - Returns: the files that were noted.
    /// - Throws: as ``up(to:)``.
    package func baseline(to version: String, against schema: SchemaDump?) throws -> [MigrationFile] {
        try locked {
            let files = try filesToRecord(to: version, against: schema)
            guard !files.isEmpty else { return [] }
            try MigrationRecords.createTables(connection)
            try connection.inTransaction {
                for file in files { try MigrationRecords.insert(file, took: .zero, connection) }
            }
            return files
        }
    }

    /// What ``baseline(to:against:)`` would note, and why it would refuse: what is noted by mistake is never applied.
    ///
    /// - Throws: as ``up(to:)``.
    package func filesToRecord(to version: String, against schema: SchemaDump?) throws -> [MigrationFile] {
        let files = try status().filesToRecord(to: version)
        guard !files.isEmpty else { return [] }
        let present = try SchemaDump(connection)
        guard present.hasTable(of: schema) else {
            throw MigrationError(
                .inconsistent,
                "the database has no table that the migrations make; make them with postern migrate up"
            )
        }
        // What an older version gave nothing here knows.
        if let schema, schema.version == version {
            let differences = present.differences(from: schema)
            guard differences.isEmpty else { throw MigrationError(.inconsistent, differences.joined(separator: "\n")) }
        }
        return files
    }

    /// One that is being built at the moment is invalid, too, and all is well.
    private static let invalidIndexes = Statement.read(
        """
        select i.indexrelid::regclass::text
        from pg_index i
        join pg_class c on c.oid = i.indexrelid
        where c.relnamespace = quote_ident(current_schema())::regnamespace
            and not (i.indisvalid and i.indisready)
            and not exists (select from pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
        order by 1
        """
    )
}
