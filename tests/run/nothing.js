// Stands in for modules that the unit tests load and never use: see jest.config.js.
module.exports = {};
