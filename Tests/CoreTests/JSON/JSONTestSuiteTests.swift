// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import FoundationEssentials
import Testing

/// The parsing cases of nst/JSONTestSuite, which lie outside the repository: `../shared/testdata` from its root.
@Suite struct JSONTestSuiteTests {
    /// The suite wants a repeated name to be accepted; Postern refuses it on purpose.
    private static let refusedOnPurpose = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]

    @Test(
        .enabled(if: !names.isEmpty, "the cases of JSONTestSuite are absent: ../shared/testdata/json"),
        arguments: names
    )
    func parsing_doesWhatTheSuiteSays(name: String) throws {
        let document = try #require(FileManager.default.contents(atPath: "\(Self.folder)/\(name)"))
        let isAccepted = (try? JSONValue(parsing: document, maximumDepth: 600)) != nil
        switch name.prefix(2) {
        case "y_": #expect(isAccepted == !Self.refusedOnPurpose.contains(name))
        case "n_": #expect(!isAccepted)
        // Either will do, as long as it returns.
        default: break
        }
    }

    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "shared/testdata/json").path

    private static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { $0.hasSuffix(".json") }.sorted()
}
