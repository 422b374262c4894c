# ruby_liquid.rb FILE - renders each of a JSON list of templates with the data beside them, by Ruby's own Liquid; prints a JSON list
# of texts, null where it refuses one.
require "json"
require "liquid"

given = JSON.parse(File.read(ARGV[0]))
puts JSON.generate(given["templates"].map { |source|
  begin
    Liquid::Template.parse(source, error_mode: :strict).render!(Marshal.load(Marshal.dump(given["data"])))    # which a template may change
  rescue Liquid::Error
    nil
  end
})
