// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import FoundationEssentials
import Schemas
import Testing

@Suite struct PageQueryTests {
    private static let cursor = Cursor(after: UUID.v7(at: Timestamp(seconds: 1_800_000_000)))

    private func refused(_ query: [(name: String, value: String)]) -> [String]? {
        refusedFields { () throws(DomainError) in try PageQuery.read(query: query) }
    }

    @Test func read_ofNothing_isTheFirst50() throws {
        let query = try PageQuery.read(query: [])
        #expect(query.limit == 50)
        #expect(query.cursor == nil)
    }

    @Test(arguments: [1, 50, 200])
    func read_ofALimitAndACursor_takesThemOver(limit: Int) throws {
        let query = try PageQuery.read(query: [("cursor", Self.cursor.text), ("limit", "\(limit)")])
        #expect(query.limit == limit)
        #expect(query.cursor == Self.cursor)
    }

    @Test(arguments: [
        ("0", "limit out_of_range"), ("-1", "limit out_of_range"), ("201", "limit out_of_range"),
        ("9223372036854775807", "limit out_of_range"), ("9223372036854775808", "limit wrong_type"),
        ("abc", "limit wrong_type"), ("", "limit wrong_type"), ("1.0", "limit wrong_type"), ("1e1", "limit wrong_type"),
        (" 1", "limit wrong_type"), ("０", "limit wrong_type"), ("true", "limit wrong_type"),
        ("+1", "limit wrong_type"), ("01", "limit wrong_type"), ("-0", "limit wrong_type"),
    ])
    func read_ofAWrongLimit_saysWhy(limit: String, field: String) {
        #expect(refused([("limit", limit)]) == [field])
    }

    @Test(arguments: [
        "", "x", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAAAA", "0198c0a8-7f3e-7abc-8def-0123456789ab",
    ])
    func read_ofACursorThatWasNeverGiven_isRefused(cursor: String) {
        #expect(refused([("cursor", cursor)]) == ["cursor invalid"])
    }

    @Test func read_ofTheCursorOfASearch_isRefused() {
        #expect(refused([("cursor", Cursor(after: Self.cursor.uuid, term: "ada").text)]) == ["cursor invalid"])
    }

    @Test(arguments: [
        (
            [("limit", "1"), ("x", ""), ("limit", "1"), ("cursor", "!"), ("x", ""), ("limit", "1"), ("y", "")],
            ["limit repeated", "cursor invalid", "x repeated", "y unknown"]
        ),
        ([("limit", "1"), ("limit", "1")], ["limit repeated"]),
        ([("cursor", ""), ("cursor", "")], ["cursor repeated"]),
        ([("x", ""), ("x", "")], ["x repeated"]),
        (
            [("limit", "0"), ("cursor", "x"), ("offset", "1")],
            ["limit out_of_range", "cursor invalid", "offset unknown"]
        ),
        ([("Limit", "1")], ["Limit unknown"]), ([("", "")], [" unknown"]),
    ])
    func read_ofRepeatedOrUnknownParameters_namesThem(query: [(name: String, value: String)], fields: [String]) {
        #expect(refused(query) == fields)
    }

    @Test func schema_saysWhatReadAccepts() throws {
        let schemas = Dictionary(uniqueKeysWithValues: PageQuery.fields.map { ($0.name, $0.schema) })
        let minimum = try #require(schemas["limit"]?["minimum"]?.integer)
        let maximum = try #require(schemas["limit"]?["maximum"]?.integer)
        #expect(refused([("limit", "\(minimum)")]) == nil)
        #expect(refused([("limit", "\(minimum - 1)")]) != nil)
        #expect(refused([("limit", "\(maximum)")]) == nil)
        #expect(refused([("limit", "\(maximum + 1)")]) != nil)
        #expect(PageQuery.fields.allSatisfy { !$0.isRequired })
        #expect(schemas["cursor"]?["type"] == "string")
    }
}
