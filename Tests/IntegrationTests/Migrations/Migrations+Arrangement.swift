// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database
import Migrations

extension MigrationFile {
    /// A file in one transaction.
    static func step(_ version: String, up: String, down: String = "") throws -> MigrationFile {
        try MigrationFile(
            fileName: "\(version)_step.sql",
            content: "-- migrate:up\n\(up)\n-- migrate:down\n\(down)"
        )
    }

    /// A file outside a transaction, both ways.
    static func step(_ version: String, alone up: String, down: String = "") throws -> MigrationFile {
        try MigrationFile(
            fileName: "\(version)_step.sql",
            content: "-- migrate:up transaction:false\n\(up)\n-- migrate:down transaction:false\n\(down)"
        )
    }
}

extension BlockingConnection {
    /// The first column of what `query` gives.
    func texts(_ query: String) throws -> [String] {
        try execute(.read(query)).rows.map { row in try row.decode(0) }
    }
}
