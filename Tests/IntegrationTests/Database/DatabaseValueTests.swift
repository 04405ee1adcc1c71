// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

import struct FoundationEssentials.UUID

@Suite struct DatabaseValueTests {
    static let texts = [
        "", " ", "plain", "comma, and \"quotes\"", "back\\slash", "{braces}", "NULL", "null", "'; drop table users; --",
        "line\nbreak\ttab", "Grüße, 世界 🌍", "e\u{301}", "$1", "\u{1}\u{7F}",
    ]

    private func roundTrip<Value: RowDecodable>(_ parameter: Parameter, _ type: String) async throws -> Value? {
        try await DatabaseFixture.withPool {
            $0.connections = 1
        } _: { pool in
            try await pool.execute(.read("select $1::\(type)"), [parameter]).first?.decode(0)
        }
    }

    @Test(arguments: texts) func text_roundTrips(text: String) async throws {
        #expect(try await roundTrip(.text(text), "text") == text)
    }

    @Test func textArray_roundTrips() async throws {
        #expect(try await roundTrip(.textArray(Self.texts), "text[]") == Self.texts)
        #expect(try await roundTrip(.textArray([]), "text[]") == [String]())
        #expect(try await roundTrip(.textArray([""]), "text[]") == [""])
    }

    @Test func uuids_roundTrip() async throws {
        let uuids = (0..<3).map { _ in UUID() }
        #expect(try await roundTrip(.uuid(uuids[0]), "uuid") == uuids[0])
        #expect(try await roundTrip(.uuidArray(uuids), "uuid[]") == uuids)
        #expect(try await roundTrip(.uuidArray([]), "uuid[]") == [UUID]())
    }

    @Test(arguments: [0, 1, -1, 1_769_850_300_250_000, 253_402_300_799_999_999, -62_135_596_800_000_000])
    func timestamp_roundTrips(microseconds: Int64) async throws {
        let instant = Timestamp(microseconds: microseconds)
        #expect(try await roundTrip(.timestamp(instant), "timestamptz") == instant)
        #expect(try await roundTrip(.timestampArray([instant, instant]), "timestamptz[]") == [instant, instant])
    }

    @Test(arguments: [Int64.min, -1, 0, 1, .max]) func integer_roundTrips(integer: Int64) async throws {
        #expect(try await roundTrip(.integer(integer), "bigint") == integer)
    }

    @Test func bytes_roundTrip() async throws {
        let bytes = [UInt8](0...255)
        #expect(try await roundTrip(.bytes(bytes), "bytea") == bytes)
        #expect(try await roundTrip(.bytes([]), "bytea") == [UInt8]())
    }

    @Test(arguments: [true, false]) func bool_roundTrips(bool: Bool) async throws {
        #expect(try await roundTrip(.bool(bool), "boolean") == bool)
    }

    @Test func null_isOnlyAnOptional() async throws {
        try await DatabaseFixture.withPool { pool in
            let parameters: [Parameter] = [
                .text(nil), .uuid(nil), .timestamp(nil), .integer(nil), .bool(nil), .bytes(nil),
            ]
            let result = try await pool.execute(
                .read("select $1::text, $2::uuid, $3::timestamptz, $4::bigint, $5::boolean, $6::bytea, ''"),
                parameters
            )
            let row = try #require(result.first)
            #expect(try row.decode(0, as: String?.self) == nil)
            #expect(try row.decode(1, as: UUID?.self) == nil)
            #expect(try row.decode(2, as: Timestamp?.self) == nil)
            #expect(try row.decode(3, as: Int64?.self) == nil)
            #expect(try row.decode(4, as: Bool?.self) == nil)
            #expect(try row.decode(5, as: [UInt8]?.self) == nil)
            #expect(try row.decode(6, as: String?.self) == "")
            let error = await databaseError { _ = try row.decode(0, as: String.self) }
            #expect(error?.code == .decoding)
        }
    }

    @Test(arguments: [Parameter.text("a\0b"), .textArray(["a", "\0"])])
    func nul_isRefused(parameter: Parameter) async throws {
        try await DatabaseFixture.withPool { pool in
            let error = await databaseError { _ = try await pool.execute(.read("select $1::text"), [parameter]) }
            #expect(error?.code == .invalidParameter)
        }
    }

    @Test func bigValues_roundTrip() async throws {
        let text = String(repeating: "0123456789abcdef", count: 1 << 16)
        try await DatabaseFixture.withPool { pool in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let echo = try await pool.execute(.read("select $1::text, $1::text"), [.text(text)])
                        return try echo.first?.decode(1) == text
                    }
                }
                for try await isEqual in group { #expect(isEqual) }
            }
        }
    }

    @Test func rows_comeInOrder() async throws {
        try await DatabaseFixture.withPool { pool in
            let result = try await pool.execute(.read("select n, 'row ' || n from generate_series(1, 5000) n"))
            #expect(result.count == 5000)
            #expect(try result.rows.map { try $0.decode(0, as: Int.self) } == Array(1...5000))
            #expect(try result.rows.last?.decode(1) == "row 5000")
        }
    }

    @Test func session_plansEachStatementOnce_andCompilesNone() async throws {
        try await DatabaseFixture.withPool { pool in
            let row = try await pool.execute(
                .read("select current_setting('plan_cache_mode'), current_setting('jit')")
            ).first
            #expect(try row?.decode(0) == "force_generic_plan")
            #expect(try row?.decode(1) == "off")
        }
    }

    @Test(arguments: ["-c TimeZone=Asia/Kolkata -c DateStyle=German", "-c TimeZone=UTC"])
    func timestamp_whenSessionDefaultsDiffer_isReadAllTheSame(options: String) async throws {
        let string = try DatabaseFixture.connectionString("options", options)
        try await DatabaseFixture.withPool {
            $0.connectionString = Redacted(string)
        } _: { pool in
            let row = try await pool.execute(.read("select timestamptz '2026-01-31 09:05:00.25+00'")).first
            #expect(try row?.decode(0) == Timestamp(rfc3339: "2026-01-31T09:05:00.25Z"))
        }
    }
}
