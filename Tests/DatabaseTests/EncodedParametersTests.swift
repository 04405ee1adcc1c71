// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

import struct FoundationEssentials.UUID

@Suite struct EncodedParametersTests {
    /// What libpq would be given: the text of each value, or `<n bytes>` for binary.
    private func given(_ parameters: [Parameter]) throws -> [String?] {
        try EncodedParameters(parameters).withPointers { count, values, lengths, formats in
            (0..<Int(count)).map { index in
                values?[index].map { formats?[index] == 1 ? "<\(lengths?[index] ?? 0) bytes>" : String(cString: $0) }
            }
        }
    }

    @Test func values_areTexts() throws {
        let uuid = try #require(UUID(uuidString: "0190163D-8694-739B-AEA5-966C26F8AD91"))
        let parameters: [Parameter] = [
            .null, .text(""), .text("ü"), .integer(-7), .bool(true), .bool(false), .uuid(uuid), .bytes([0, 1]),
            .bytes([]),
            .timestamp(Timestamp(microseconds: 0)), .textArray(["a", "b\""]), .uuidArray([uuid]), .uuidArray([]),
        ]
        #expect(
            try given(parameters) == [
                nil, "", "ü", "-7", "t", "f", "0190163d-8694-739b-aea5-966c26f8ad91", "<2 bytes>", "<0 bytes>",
                "1970-01-01T00:00:00.000000Z", #"{"a","b\""}"#, "{0190163d-8694-739b-aea5-966c26f8ad91}", "{}",
            ]
        )
        #expect(try given([]) == [])
    }

    @Test(arguments: [Parameter.text("\0"), .textArray(["a\0"])]) func nul_isRefused(parameter: Parameter) {
        let error = #expect(throws: DatabaseError.self) { try EncodedParameters([.null, parameter]) }
        #expect(error?.code == .invalidParameter)
    }

    @Test func tooMany_areRefused() {
        #expect(throws: DatabaseError.self) { try EncodedParameters(Array(repeating: .null, count: 65_536)) }
    }
}
