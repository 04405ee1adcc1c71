// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Worker

/// `postern openapi`: the description of the API.
struct OpenAPICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi",
        abstract: "Print the OpenAPI 3.1 document, as /openapi.json gives it.",
        discussion: "Needs neither settings nor a database."
    )

    func run() throws {
        try Terminal.data(String(decoding: Composition.openAPIDocument(), as: UTF8.self))
    }
}
