// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

@Suite struct DatabaseBlockingConnectionTests {
    @Test func script_runsAllStatementsOrNone() async throws {
        try await DatabaseFixture.withSchema { schema in
            let connection = try DatabaseFixture.blockingConnection()
            try connection.execute(
                script:
                    "create table \(schema).a (n int); insert into \(schema).a values (1); insert into \(schema).a values (2)"
            )
            #expect(throws: DatabaseError.self) {
                try connection.execute(
                    script: "insert into \(schema).a values (3); insert into \(schema).a values ('x')"
                )
            }
            #expect(try connection.execute(.read("select count(*) from \(schema).a")).first?.decode(0) == 2)
        }
    }

    @Test func script_whenWrong_tellsWhere() throws {
        let connection = try DatabaseFixture.blockingConnection()
        let error = #expect(throws: DatabaseError.self) { try connection.execute(script: "select 1;\nselect nowhere") }
        #expect(error?.code == .server)
        #expect(error?.position == 18)
    }

    @Test func statement_takesParameters() throws {
        let connection = try DatabaseFixture.blockingConnection()
        let row = try connection.execute(
            .read("select $1::int + $2::int, $3::text"),
            [.integer(1), .integer(2), .null]
        ).first
        #expect(try row?.decode(0) == 3)
        #expect(try row?.decode(1, as: String?.self) == nil)
    }

    @Test func connection_whenNobodyListens_isUnavailable() {
        let error = #expect(throws: DatabaseError.self) {
            try BlockingConnection(
                connectionString: Redacted("host=/nonexistent user=nobody password=s3cret"),
                connectTimeout: .seconds(2)
            )
        }
        #expect(error?.code == .unavailable)
        #expect(error?.detail?.contains("s3cret") == false)
    }
}
