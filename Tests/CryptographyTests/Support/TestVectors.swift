// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import FoundationEssentials

/// Vectors of C2SP/wycheproof, which lie outside the repository: `../shared/testdata` from its root.
///
/// A test of them is skipped, by name, where they are absent.
enum TestVectors {
    static let absence = "the Wycheproof vectors are absent: ../shared/testdata/wycheproof"

    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "shared/testdata/wycheproof").path

    static var arePresent: Bool { FileManager.default.fileExists(atPath: folder) }

    /// The test groups of the file `name`.
    static func groups(_ name: String) throws -> [JSONValue] {
        let contents = FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
        return try JSONValue(parsing: contents)["testGroups"]?.array ?? []
    }
}

extension JSONValue {
    /// The bytes of a member in hexadecimal.
    func hex(_ name: String) -> [UInt8] {
        self[name]?.string.flatMap { Hex.decode(Array($0.utf8)) } ?? []
    }
}

/// The bytes of hexadecimal text; nothing for anything else.
func hex(_ text: String) -> [UInt8] {
    Hex.decode(Array(text.utf8)) ?? []
}
