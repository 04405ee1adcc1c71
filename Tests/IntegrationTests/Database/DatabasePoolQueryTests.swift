// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

@Suite struct DatabasePoolQueryTests {
    private static let echo = Statement.read("select $1::bigint, $2::text")
    private static let divide = Statement.read("select 1 / $1::int")

    @Test func execute_whenManyAtOnce_answersEachCallerItsOwn() async throws {
        try await DatabaseFixture.withPool { pool in
            let right = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<3000 {
                    group.addTask {
                        guard number % 7 == 3 else {
                            let row = try await pool.execute(Self.echo, [.integer(Int64(number)), .text("n\(number)")])
                                .first
                            return try row?.decode(0) == number && row?.decode(1) == "n\(number)"
                        }
                        let error = await databaseError { _ = try await pool.execute(Self.divide, [.integer(0)]) }
                        return error?.sqlState?.rawValue == "22012"
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(right == 3000)
        }
    }

    @Test func execute_whenRepeated_preparesOncePerConnection() async throws {
        try await DatabaseFixture.withPool {
            $0.connections = 1
        } _: { pool in
            for number in 0..<50 { _ = try await pool.execute(Self.echo, [.integer(Int64(number)), .null]) }
            let count = try await pool.execute(
                .read("select count(*) from pg_prepared_statements where statement = $1"),
                [.text(Self.echo.sql)]
            )
            #expect(try count.first?.decode(0) == 1)
        }
    }

    @Test func execute_whenStatementIsWrong_failsAloneAndEachTime() async throws {
        try await DatabaseFixture.withPool {
            $0.connections = 1
        } _: { pool in
            let wrong = Statement.read("select nothing_of_this_name")
            let outcomes = await withTaskGroup(of: String.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        do throws(DatabaseError) {
                            let statement = number % 10 == 0 ? wrong : Self.echo
                            let parameters: [Parameter] = number % 10 == 0 ? [] : [.integer(1), .text("one")]
                            _ = try await pool.execute(statement, parameters)
                            return "right"
                        } catch {
                            return error.sqlState?.rawValue ?? "other"
                        }
                    }
                }
                return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(outcomes == ["right": 180, "42703": 20])
        }
    }

    @Test func execute_whenWriteIsBesideFailingStatements_isDoneOnce() async throws {
        try await DatabaseFixture.withSchema { schema in
            try DatabaseFixture.blockingConnection().execute(script: "create table \(schema).numbers (number bigint)")
            let insert = Statement.write("insert into \(schema).numbers values ($1)")
            try await DatabaseFixture.withPool { pool in
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<600 {
                        group.addTask {
                            if number % 2 == 0 {
                                _ = try? await pool.execute(insert, [.integer(Int64(number))])
                            } else {
                                _ = try? await pool.execute(Self.divide, [.integer(0)])
                            }
                        }
                    }
                }
                let row = try await pool.execute(
                    .read("select count(*), count(distinct number) from \(schema).numbers")
                ).first
                #expect(try row?.decode(0) == 300)
                #expect(try row?.decode(1) == 300)
            }
        }
    }

    @Test func execute_whenPreparedFormIsOutOfDate_preparesAnew() async throws {
        try await DatabaseFixture.withSchema { schema in
            let admin = try DatabaseFixture.blockingConnection()
            try admin.execute(script: "create table \(schema).things as select 1 as a")
            let select = Statement.read("select * from \(schema).things")
            try await DatabaseFixture.withPool {
                $0.connections = 1
            } _: { pool in
                _ = try await pool.execute(select)
                try admin.execute(script: "alter table \(schema).things add column b text default 'new'")
                #expect(try await pool.execute(select).first?.decode(1) == "new")
                _ = try await pool.execute(.write("deallocate all"))
                #expect(try await pool.execute(select).first?.decode(1) == "new")
            }
        }
    }

    @Test func execute_whenStatementItselfMissesAName_failsOnce() async throws {
        try await DatabaseFixture.withPool { pool in
            let error = await databaseError { _ = try await pool.execute(.write("deallocate nothing_of_this_name")) }
            #expect(error?.sqlState == .invalidStatementName)
        }
    }

    @Test func execute_whenUnique_namesTheConstraint() async throws {
        try await DatabaseFixture.withSchema { schema in
            try DatabaseFixture.blockingConnection().execute(
                script: """
                    create table \(schema).users (
                        email text constraint users_email_key unique,
                        age int constraint users_age_check check (age > 0),
                        name text not null
                    );
                    insert into \(schema).users values ('a@example.org', 1, 'A')
                    """
            )
            let insert = Statement.write("insert into \(schema).users values ($1, $2, $3)")
            try await DatabaseFixture.withPool { pool in
                let duplicate = await databaseError {
                    _ = try await pool.execute(insert, [.text("a@example.org"), .integer(2), .text("B")])
                }
                #expect(duplicate?.code == .uniqueViolation)
                #expect(duplicate?.constraint == "users_email_key")
                #expect(duplicate?.detail?.contains("a@example.org") == false)

                let negative = await databaseError {
                    _ = try await pool.execute(insert, [.null, .integer(-1), .text("C")])
                }
                #expect(negative?.code == .checkViolation)
                #expect(negative?.constraint == "users_age_check")

                let nameless = await databaseError { _ = try await pool.execute(insert, [.null, .integer(1), .null]) }
                #expect(nameless?.code == .notNullViolation)
            }
        }
    }

    @Test func execute_whenValueIsRefused_keepsItOutOfTheError() async throws {
        try await DatabaseFixture.withPool { pool in
            let error = await databaseError { _ = try await pool.execute(.read("select $1::int"), [.text("s3cret")]) }
            #expect(error?.code == .invalidParameter)
            #expect(!String(reflecting: error).contains("s3cret"))
        }
    }

    @Test func execute_whenWrite_countsRows() async throws {
        try await DatabaseFixture.withSchema { schema in
            try DatabaseFixture.blockingConnection().execute(
                script: "create table \(schema).numbers as select generate_series(1, 10) as number"
            )
            try await DatabaseFixture.withPool { pool in
                let deleted = try await pool.execute(.write("delete from \(schema).numbers where number <= 4"))
                #expect(deleted.affectedRows == 4)
                #expect(deleted.count == 0)
            }
        }
    }

    @Test func execute_whenStatementOpensTransaction_doesNotKeepIt() async throws {
        try await DatabaseFixture.withPool {
            $0.connections = 1
        } _: { pool in
            _ = try await pool.execute(.write("begin"))
            try await DatabaseFixture.eventually {
                // In one transaction now() stands still.
                let first = try? await pool.execute(.read("select now()")).first?.decode(0, as: Timestamp.self)
                let second = try? await pool.execute(.read("select now()")).first?.decode(0, as: Timestamp.self)
                return first != nil && second != nil && first != second
            }
        }
    }
}
